export const help = {
  title: "Help",
  lead: "Short guides, one per role. Press ? anywhere for the keys of the screen you are on.",
  keys: "Show the keys",
  tourAgain: "Take the tour again",
  guides: {
    agent: {
      title: "For agents",
      lead: "Answer customers quickly and kindly.",
      steps: {
        one: {
          title: "Find who waits",
          text: "Conversations shows everybody who wrote to support. Under “Unanswered” who waits longest comes first. J and K go through the list, with Alt even while you type.",
        },
        two: {
          title: "Answer",
          text: "R goes to the answer box. Enter sends, Shift+Enter makes a new line. A draft is kept by this browser until you send it, also when you close the page. If an answer does not get through, it says so and can be sent again; it never arrives twice.",
        },
        three: {
          title: "Know more",
          text: "I shows the listing, the people, and what the customer asked before. A paragraph in red or yellow was held or removed; “why?” says what was found in it.",
        },
        four: {
          title: "Finish",
          text: "C closes the conversation. It stays readable, and opens again when you or the customer need it.",
        },
      },
    },
    moderator: {
      title: "For moderators",
      lead: "Decide about held messages, one key each.",
      steps: {
        one: {
          title: "Work the queue",
          text: "Messages that the policy holds wait in Moderation. The text is blurred until you press Space. What filters found is marked; beside it stands which filter, how sure, and which rule applied.",
        },
        two: {
          title: "Decide",
          text: "R releases, M masks what is marked, X removes. Select text before M to hide that as well. E lets you say why. The next message comes by itself.",
        },
        three: {
          title: "Take it back",
          text: "Z takes the last decision back while the notice is shown. Two moderators never decide twice: who comes second is told what the first decided.",
        },
        four: {
          title: "Look further",
          text: "A private conversation asks for a reason, which is kept in the audit log. “Try a message” shows what would become of a text, “Decisions” what became of real ones.",
        },
      },
    },
    admin: {
      title: "For admins",
      lead: "Run the place: filters, policy, team.",
      steps: {
        one: {
          title: "Invite your team",
          text: "Team makes one-time links with a role. Switching an account off ends its sessions at once.",
        },
        two: {
          title: "Change a filter without fear",
          text: "Upload it or configure it: that makes a draft. Put it in shadow and see what it would have changed, or backtest it on the past. Then a canary for a share of the conversations, then live. Rolling back is one button.",
        },
        three: {
          title: "Filters detect, policy decides",
          text: "The policy turns findings into actions. Write a draft, check it, see the differences, try it and backtest it, then activate it. Every verdict records the version that decided.",
        },
        four: {
          title: "Watch",
          text: "Overview is live. Listings shows which listings have no messaging, and the cure. Audit shows who did and who looked at what.",
        },
      },
    },
  },
  tour: {
    label: "Welcome tour",
    step: "{{now}} of {{all}}",
    skip: "Skip",
    next: "Next",
    done: "Start",
    welcome: {
      title: "Welcome to Rialto",
      text: "Everything is at most two keys away. This takes half a minute.",
    },
    go: {
      title: "G, then a letter",
      text: "G M opens moderation, G C conversations, G F filters. The letters stand beside the names in the sidebar when you point at them.",
    },
    palette: {
      title: "One key for everything",
      text: "{{key}} finds screens, filters and actions. Paste an id of a conversation or a message there to jump to it.",
    },
    keys: {
      title: "Forgot a key?",
      text: "? shows what the keys do on the screen you are on. You can look this tour up again under Help.",
    },
  },
};

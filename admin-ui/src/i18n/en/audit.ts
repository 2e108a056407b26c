export const audit = {
  title: "Audit",
  lead: "Who did what, and who looked at what. It can only grow.",
  empty: "Nothing yet",
  emptyLead: "Every decision, change and look into a private conversation will be listed here.",
  emptyFiltered: "No entry fits.",
  time: "Time",
  actor: "Who",
  action: "What",
  target: "To what",
  reason: "Why",
  actionHint: "Such as conversation.read or filter",
  only: "Only {{what}}",
};

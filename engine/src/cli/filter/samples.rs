//! Messages of a marketplace, to measure with where no others are given: short and long, plain and with something to find.

/// One message each.
pub(super) const MESSAGES: [&str; 12] = [
    "Is this still available?",
    "Hi! Would you take 45 for the lamp? I could collect it on Saturday morning.",
    "Hallo, ist der Kinderwagen noch da? Ich könnte ihn morgen gegen 18 Uhr in Köln abholen. Viele Grüße",
    "¿Sigue disponible? Puedo recogerlo esta tarde si le viene bien 🙂",
    "Thanks, it works perfectly. The frame is 180 x 200 cm, as you wrote, and both screws were in the bag.",
    "My number is 07911 123456, call me after six",
    "Write to anna (at) gmail (dot) com, I don't see messages here",
    "Great offer!! Click http://bit.ly/3xYz now and WIN a voucher worth £500 cash, limited time only!!!",
    "I am offshore and can't see the car in person, but my courier collects it and PayPal pays you today. Send me your \
     e-mail address so that the payment can be made; you will receive a confirmation within the hour.",
    "Bonjour, le vélo m'intéresse beaucoup. Est-ce que le cadre convient pour une personne d'un mètre quatre-vingts ? \
     Quand pourrais-je passer l'essayer ? Je suis libre tous les soirs après dix-neuf heures et le week-end. Merci !",
    "The sofa is about ten years old, we bought it new in 2014. There is a small stain on the left armrest (see the third \
     picture), otherwise it is in good condition. Non-smoking household, one very lazy cat. Two people can carry it down \
     the stairs easily; I can help. Collection only, cash please, any evening this week after half past six works for me.",
    "ok",
];

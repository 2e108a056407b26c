//! Messengers and networks people move to.

/// A messenger or network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Messenger {
    Whatsapp,
    Telegram,
    Signal,
    Instagram,
    Snapchat,
    Wechat,
    Skype,
    Viber,
    Line,
    Kik,
    Discord,
    Facebook,
    Tiktok,
    Threema,
    Kakao,
    Zalo,
    Twitter,
    Vk,
    Threads,
    Twitch,
    Pinterest,
    Onlyfans,
    Linkedin,
}

impl Messenger {
    /// Its name as evidence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Whatsapp => "WhatsApp",
            Self::Telegram => "Telegram",
            Self::Signal => "Signal",
            Self::Instagram => "Instagram",
            Self::Snapchat => "Snapchat",
            Self::Wechat => "WeChat",
            Self::Skype => "Skype",
            Self::Viber => "Viber",
            Self::Line => "LINE",
            Self::Kik => "Kik",
            Self::Discord => "Discord",
            Self::Facebook => "Facebook",
            Self::Tiktok => "TikTok",
            Self::Threema => "Threema",
            Self::Kakao => "KakaoTalk",
            Self::Zalo => "Zalo",
            Self::Twitter => "Twitter",
            Self::Vk => "VK",
            Self::Threads => "Threads",
            Self::Twitch => "Twitch",
            Self::Pinterest => "Pinterest",
            Self::Onlyfans => "OnlyFans",
            Self::Linkedin => "LinkedIn",
        }
    }
}

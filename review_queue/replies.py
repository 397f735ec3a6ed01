"""Texts to answer with, in both languages: a person copies one, makes it theirs and sends it from where they answer."""

from dataclasses import dataclass

from models.policy.strict import Bilingual


@dataclass(frozen=True, slots=True)
class Reply:
    """One text to answer with."""

    name: str
    title: Bilingual
    text: Bilingual


REPLIES = (
    Reply(
        "received",
        Bilingual(en="We have it and are looking into it", cy="Mae gennym y neges ac rydym yn edrych arni"),
        Bilingual(
            en="Thank you for your message. We have passed it to the team that deals with this, and they will answer you.",
            cy="Diolch am eich neges. Rydym wedi'i hanfon at y tîm sy'n delio â hyn, a byddant yn eich ateb.",
        ),
    ),
    Reply(
        "campaign",
        Bilingual(en="One answer to a campaign", cy="Un ateb i ymgyrch"),
        Bilingual(
            en="Many people have written to us about this in the same words. We have read what you say, and this is our "
            "answer to everybody. If there is something in your own case that we should know, please tell us.",
            cy="Mae llawer o bobl wedi ysgrifennu atom am hyn yn yr un geiriau. Rydym wedi darllen eich neges, a dyma ein "
            "hateb i bawb. Os oes rhywbeth yn eich achos chi y dylem ei wybod, rhowch wybod i ni.",
        ),
    ),
    Reply(
        "rules",
        Bilingual(en="Criticism is welcome, abuse is not", cy="Croeso i feirniadaeth, nid i gam-drin"),
        Bilingual(
            en="You are welcome to criticise us here. We hide comments that insult or threaten people. You can always "
            "contact us about the matter itself.",
            cy="Mae croeso i chi ein beirniadu yma. Rydym yn cuddio sylwadau sy'n sarhau neu'n bygwth pobl. Gallwch "
            "gysylltu â ni am y mater ei hun bob amser.",
        ),
    ),
    Reply(
        "crisis",
        Bilingual(en="Somebody may be at risk", cy="Gall rhywun fod mewn perygl"),
        Bilingual(
            en="We are concerned about you. If you are in danger now, please call 999. You can call Samaritans free at any "
            "time on 116 123, or in Welsh between 7pm and 11pm on 0808 164 0123.",
            cy="Rydym yn pryderu amdanoch. Os ydych mewn perygl nawr, ffoniwch 999. Gallwch ffonio'r Samariaid am ddim "
            "unrhyw bryd ar 116 123, neu yn Gymraeg rhwng 7pm ac 11pm ar 0808 164 0123.",
        ),
    ),
)

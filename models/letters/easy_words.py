"""Conduct in Easy Read: the words of a clause where the pack has them, else those of the signals that it listens to."""

from models.letters.tongue import Language, Say
from models.policy.schema import Pack

CONDUCT: dict[str, Say] = {
    "abuse.profanity": Say("Swearing", "Rhegi"),
    "abuse.insult": Say("Saying rude things to our staff", "Dweud pethau cas wrth ein staff"),
    "abuse.rudeness": Say("Shouting or being rude", "Gweiddi neu fod yn anghwrtais"),
    "abuse.sexual": Say("Saying sexual things to our staff", "Dweud pethau rhywiol wrth ein staff"),
    "abuse.threat": Say("Saying that you will hurt someone", "Dweud y byddwch yn brifo rhywun"),
    "abuse.harassment": Say("Making our staff feel scared", "Gwneud i'n staff deimlo'n ofnus"),
    "abuse.identity_hate": Say("Being unkind about who someone is", "Bod yn gas am bwy yw rhywun"),
    "abuse.microaggression": Say("Being unkind about who someone is", "Bod yn gas am bwy yw rhywun"),
    "abuse.accusation": Say("Saying bad things about our staff", "Dweud pethau drwg am ein staff"),
    "abuse.manipulation": Say("Making our staff feel upset", "Gwneud i'n staff deimlo'n ofidus"),
    "abuse.incitement": Say("Asking people to break the law", "Gofyn i bobl dorri'r gyfraith"),
    "abuse.recording": Say("Recording our staff and not telling them", "Recordio ein staff heb ddweud wrthynt"),
    "spam": Say("Sending us things we do not want", "Anfon pethau atom nad ydym eu heisiau"),
    "links.excessive": Say("Sending too many links", "Anfon gormod o ddolenni"),
    "doxing.staff_details": Say("Telling people where our staff live", "Dweud wrth bobl ble mae ein staff yn byw"),
    "doxing.third_party": Say("Telling people private things", "Dweud pethau preifat wrth bobl"),
    "doxing.staff_named": Say("Naming our staff online", "Enwi ein staff ar-lein"),
    "doxing.own_details": Say("Putting private things online", "Rhoi pethau preifat ar-lein"),
    "demand.deadline": Say("Not giving us enough time to reply", "Peidio â rhoi digon o amser i ni ateb"),
    "demand.information": Say("Asking for things you do not need", "Gofyn am bethau nad oes eu hangen arnoch"),
    "demand.named_officer": Say("Asking for the wrong person", "Gofyn am y person anghywir"),
    "demand.refuses_procedure": Say("Not doing things the right way", "Peidio â gwneud pethau yn y ffordd gywir"),
    "persistence.volume": Say("Contacting us too many times", "Cysylltu â ni ormod o weithiau"),
    "persistence.length": Say("Sending us too much to read", "Anfon gormod atom i'w ddarllen"),
    "persistence.scattergun": Say("Asking too many of our staff", "Gofyn i ormod o'n staff"),
    "persistence.copied_in": Say("Sending us copies of letters to others", "Anfon copïau atom o lythyrau at eraill"),
    "persistence.after_decision": Say("Going on after we made a decision", "Parhau ar ôl i ni wneud penderfyniad"),
    "persistence.refuses_decision": Say(
        "Not agreeing that we made a decision", "Peidio â derbyn ein bod wedi penderfynu"
    ),
    "persistence.topic_drift": Say(
        "Saying things that are not about your case", "Dweud pethau nad ydynt am eich achos"
    ),
    "persistence.rising_severity": Say("Getting more and more angry", "Mynd yn fwy ac yn fwy dig"),
    "duplicate.same_contact": Say("Sending us copies of the same letter", "Anfon copïau o'r un llythyr atom"),
    "duplicate.campaign": Say("Sending us copies of the same letter", "Anfon copïau o'r un llythyr atom"),
}
_OTHER = Say("Being hard to work with", "Bod yn anodd gweithio gyda chi")


def conduct(pack: Pack, clause_id: str, language: Language) -> str:
    """Return a clause about conduct in Easy Read."""
    clause = next(c for c in pack.clauses if c.id == clause_id)
    if clause.easy is not None:
        return str(getattr(clause.easy, language))
    known = [CONDUCT[match.label] for match in clause.signals if match.label in CONDUCT]
    return (known[0] if known else _OTHER).put(language)

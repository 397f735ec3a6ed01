"""Spam: sales, phishing and false invoices, by words and by what a mail gives away."""

from classifiers.promotion import promotion
from models.domain import Channel, Link
from tests.classifiers.texts import found, message, probability


def test_spam_is_found_in_posts():
    assert (
        probability(
            "🔥 Double your bitcoin in 24 hours, guaranteed profit! DM me now https://crypto.example.com", "spam"
        )
        >= 0.5
    )


def test_phishing_needs_a_lure_and_a_link_and_is_spam_too():
    text = "Your account has been suspended. Click here to verify your account: https://bank.example.net/login"
    signals = found(text, Channel.EMAIL)
    assert signals["spam.phishing"].probability >= 0.5
    assert signals["spam"].probability >= signals["spam.phishing"].probability


def test_new_bank_details_for_an_invoice_are_fraud():
    assert (
        probability(
            "Please note our new bank details for invoice 4410 before payment.", "spam.invoice_fraud", Channel.EMAIL
        )
        >= 0.5
    )


def test_tricks_of_a_mail_count():
    text = "The agenda is attached."
    plain = found(text, Channel.EMAIL).get("spam")
    lying = (Link("http://bad.example.net/a", "www.psow.example.org"),)
    tricked = found(text, Channel.EMAIL, links=lying, html_notes=("hidden_text",), headers=(("x-spam-flag", "YES"),))[
        "spam"
    ]
    assert tricked.probability > (plain.probability if plain else 0.0) + 0.3


def test_whoever_asks_about_a_scam_is_not_its_sender():
    scam = "Get your £500 grant today only https://grant.example.net/w"
    asks = "Is this real? Get your £500 grant today only https://grant.example.net/w"
    assert probability(asks, "spam") < 0.5 * probability(scam, "spam")


def test_an_ordinary_letter_is_not_spam():
    assert (
        probability(
            "Dear Sir, please could you tell me when my appeal will be heard? Yours, Mair", "spam", Channel.EMAIL
        )
        < 0.3
    )


def test_every_wording_is_let_through_by_its_gate():
    """The literals that spare most texts a look must stand in whatever the expressions find."""
    samples = {
        "asks to be followed or visited": "Check out my channel",
        "asks for contact elsewhere": "message me on Telegram",
        "gives away or sells": "Order yours today",
        "promises money": "Earn £500 a day",
        "sells reach or services to strangers": "We rank your site first",
        "offers to get lost money or accounts back": "He helped me recover my funds",
        "lures with company or sex": "Hot singles near you",
        "sells medicine or goods that filters know": "Cheap replica watch",
        "a parcel, prize or fee to pay": "Your parcel is held",
        "an account to be saved": "Please verify your account",
        "payment to a new account or by vouchers": "Our bank details have changed",
        "written to nobody in particular": "Dear valued customer",
    }
    for name, text in samples.items():
        assert name in promotion(message(text)).names, name


def test_what_speaks_against_spam_is_let_through_by_its_gate():
    advert = "Limited offer, order now: "
    alone = promotion(message(advert)).weight
    complaints = (
        "my rent is wrong",
        "the GP rang",
        "you didn't come",
        "When will the man come",
        "fy boeler i",
        "ein tŷ ni",
        "y rhent",
    )
    for text in complaints:
        assert promotion(message(advert + text)).weight < alone, text
    for text in (
        "is it real?",
        "I got a text claiming to be you",
        "lost £40 to fraud",
        "ydi hwn yn wir",
        "sgam",
        "who do I tell at trading standards?",
    ):
        assert promotion(message(advert + text)).asked_about, text

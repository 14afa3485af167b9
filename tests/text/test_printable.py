from potstill.text.printable import printable


def test_what_a_model_wrote_does_not_drive_the_terminal() -> None:
    assert printable("a\x1b[31mb\x07\u202e") == "a\\x1b[31mb\\x07\\u202e"


def test_formulas_spaces_and_other_scripts_stay() -> None:
    text = "若 $x^2\u3000+\u00a0y = 3$，则 y = ?"
    assert printable(text) == text

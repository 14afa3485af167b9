"""What holds of every comparison, whatever is compared."""

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from potstill.verifiers.comparing.compare import compare
from potstill.verifiers.expressions.nodes import (
    Bound,
    Call,
    Constant,
    Group,
    Items,
    Matrix,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    SetOf,
    Sum,
    Symbol,
    Words,
)

small = st.integers(-9, 9)
numbers = st.builds(lambda n, d: Number(Fraction(n, d)), small, st.integers(1, 9))
whole = small.map(lambda n: Number(Fraction(n)))
constants = st.sampled_from([Constant("pi"), Constant("e")])
variables = st.sampled_from([Symbol("x"), Symbol("y")])


def arithmetic(leaves):
    def larger(inside):
        pair = st.tuples(inside, inside)
        return st.one_of(
            pair.map(Sum),
            pair.map(Product),
            inside.map(Negative),
            pair.map(lambda p: Quotient(*p)),
            st.tuples(inside, whole).map(lambda p: Power(*p)),
            inside.map(lambda of: Call("sqrt", (of,))),
        )

    return st.recursive(leaves, larger, max_leaves=6)


scalars = arithmetic(numbers | constants)
expressions = arithmetic(numbers | constants | variables)
relations = st.tuples(expressions, expressions, st.sampled_from(["=", "<", ">=", "!="])).map(
    lambda p: Relation((p[0], p[1]), (p[2],))
)
parts = st.lists(expressions | relations, min_size=2, max_size=3).map(tuple)
answers = st.one_of(
    expressions,
    relations,
    parts.map(lambda p: Items(p, "and")),
    parts.map(lambda p: Items(p, "or")),
    parts.map(SetOf),
    parts.map(lambda p: Group(p, "(", ")")),
    parts.map(lambda p: Group(p, "[", ")")),
    parts.map(lambda p: Matrix((p,))),
)


@given(answers)
@settings(max_examples=100, deadline=None)
def test_an_answer_equals_itself(answer):
    assert compare(answer, answer).outcome == "pass"


@given(answers, answers)
@settings(max_examples=150, deadline=None)
def test_it_does_not_fail_one_way_and_pass_the_other(one, other):
    outcomes = {compare(one, other).outcome, compare(other, one).outcome}
    assert outcomes != {"pass", "fail"}


@given(expressions, expressions)
@settings(max_examples=150, deadline=None)
def test_expressions_compare_alike_both_ways(one, other):
    assert compare(one, other).outcome == compare(other, one).outcome


@given(scalars, numbers)
@settings(max_examples=150, deadline=None)
def test_a_number_differs_from_itself_and_more(number, more):
    assume(more.value)
    assert compare(number, Sum((number, more))).outcome != "pass"


@given(st.fractions(), st.fractions())
def test_rational_numbers_are_told_apart(one, other):
    outcome = compare(
        Quotient(Number(Fraction(one.numerator)), Number(Fraction(one.denominator))), Number(other)
    ).outcome
    assert outcome == ("pass" if one == other else "fail")


@given(expressions)
@settings(max_examples=100, deadline=None)
def test_a_double_is_a_sum(of):
    assert compare(Product((Number(Fraction(2)), of)), Sum((of, of))).outcome != "fail"


def test_a_thousand_brackets_are_too_many():
    deep = Symbol("x")
    for _ in range(3_000):
        deep = Negative(deep)
    assert compare(deep, Negative(Symbol("y"))).reason == "too_large"


@pytest.mark.parametrize(
    "term",
    [
        Power(Number(Fraction(9)), Power(Number(Fraction(9)), Number(Fraction(10**9)))),
        Call("factorial", (Power(Number(Fraction(10)), Number(Fraction(40))),)),
        Call("sin", (Call("exp", (Number(Fraction(10**8)),)),)),
        Call("floor", (Call("exp", (Number(Fraction(10**8)),)),)),
        Call("binomial", (Number(Fraction(10**12)), Number(Fraction(10**11)))),
        Call("sqrt", (Constant("pi"), Number(Fraction(10**9)))),
        Bound("sum", Symbol("k"), "k", Number(Fraction(1)), Number(Fraction(10**12))),
    ],
)
def test_what_is_too_large_to_compute_is_never_equal(term):
    assert compare(term, Sum((term, Constant("pi")))).outcome != "pass"


def test_a_sum_of_sums_is_bounded():
    def nested(name, body):
        return Bound("sum", body, name, Number(Fraction(1)), Number(Fraction(1_000)))

    deep = nested("i", nested("j", nested("k", Symbol("k"))))
    assert compare(deep, Number(Fraction(1))).outcome == "undecided"


def test_words_are_only_compared_with_words():
    assert compare(Words("Evelyn"), Words("evelyn")).outcome == "pass"
    assert compare(Words("Evelyn"), Words("Briana")).outcome != "pass"
    assert compare(Words("Evelyn"), Number(Fraction(1))).reason == "text_differs"

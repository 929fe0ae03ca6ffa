"""Weights by brute force: what books say, without a library."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np


def ledoit_wolf(returns):
    """Ledoit and Wolf (2004), the definition day by day."""
    x = returns - returns.mean(axis=0)
    n_days, n = x.shape
    sample = sum(np.outer(day, day) for day in x) / n_days
    target = np.trace(sample) / n * np.eye(n)
    distance = ((sample - target) ** 2).sum() / n
    noise = sum(((np.outer(day, day) - sample) ** 2).sum() for day in x) / n / n_days**2
    weight = min(noise, distance) / distance
    return weight * target + (1 - weight) * sample


def least_variance_of_two(c):
    """In closed form, without short sales."""
    own = (c[1, 1] - c[0, 1]) / (c[0, 0] + c[1, 1] - 2 * c[0, 1])
    return np.array([np.clip(own, 0, 1), 1 - np.clip(own, 0, 1)])


def hrp(c):
    """Lopez de Prado's recursion over the leaves of a tree by Ward, (n_orders, n): of every order that the tree allows."""
    deviations = np.sqrt(np.diag(c))
    distance = np.sqrt(np.maximum(0.5 * (1 - c / np.outer(deviations, deviations)), 0))
    found = [_bisected(c, order) for order in _orders(_ward(distance))]
    return np.array([[one[i] for i in range(len(c))] for one in found])


def _ward(distance):
    """A tree of nested pairs, by the update of Lance and Williams."""
    n = len(distance)
    trees, sizes = {i: i for i in range(n)}, dict.fromkeys(range(n), 1)
    d = {frozenset(pair): distance[pair] for pair in combinations(range(n), 2)}
    following = n
    while len(trees) > 1:
        a, b = min(combinations(sorted(trees), 2), key=lambda pair: d[frozenset(pair)])
        for v in trees:
            if v not in (a, b):
                total = sizes[v] + sizes[a] + sizes[b]
                d[frozenset((following, v))] = np.sqrt(
                    ((sizes[v] + sizes[a]) * d[frozenset((v, a))] ** 2 + (sizes[v] + sizes[b]) * d[frozenset((v, b))] ** 2
                     - sizes[v] * d[frozenset((a, b))] ** 2) / total)  # fmt: skip
        trees[following], sizes[following] = (trees.pop(a), trees.pop(b)), sizes[a] + sizes[b]
        following += 1
    return next(iter(trees.values()))


def _orders(tree):
    """All orders of leaves that the tree allows."""
    if isinstance(tree, int):
        return [[tree]]
    left, right = map(_orders, tree)
    return [one for a, b in product(left, right) for one in (a + b, b + a)]


def _bisected(c, order):
    if len(order) == 1:
        return {order[0]: 1.0}
    left, right = order[: len(order) // 2], order[len(order) // 2 :]
    risks = []
    for part in (left, right):
        inverse = 1 / np.diag(c)[part]
        weights = inverse / inverse.sum()
        risks.append(weights @ c[np.ix_(part, part)] @ weights)
    share = 1 - risks[0] / (risks[0] + risks[1])
    return {name: share * value for name, value in _bisected(c, left).items()} | {
        name: (1 - share) * value for name, value in _bisected(c, right).items()
    }


def account(returns, places, weights, cost):
    """Dollars at each day's end of an account that starts with one."""
    money, held, out = 1.0, np.zeros(returns.shape[1]), []
    for place in range(places[0], len(returns)):
        if place in places:
            wanted = money * weights[places.index(place)]
            money -= cost * np.abs(wanted - held).sum()
            held = money * weights[places.index(place)]
        held = held * (1 + returns[place])
        money = held.sum()
        out.append(money)
    return np.array(out)

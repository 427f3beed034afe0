"""The classifier's weights are those of kernel ridge regression, however they are found."""

import numpy as np
from scipy.sparse import random as sparse

from bot.screening.kernel import LETTERS_SHARE, RIDGE, likeness, solve


def test_the_steps_lead_to_the_exact_solution():
    chance = np.random.default_rng(0)
    vectors = chance.normal(size=(700, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    letters = sparse(700, 1000, 0.02, format="csr", dtype=np.float32, random_state=1)
    targets = np.sign(chance.normal(size=(700, 3))).astype(np.float32)
    kernel = likeness(vectors @ vectors.T) + LETTERS_SHARE * (letters @ letters.T).toarray() + RIDGE * np.eye(700)
    np.testing.assert_allclose(solve(vectors, letters, targets), np.linalg.solve(kernel, targets), atol=0.05)

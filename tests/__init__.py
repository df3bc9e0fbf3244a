"""Tests of mesoplan; each is named by the behaviour that it holds."""

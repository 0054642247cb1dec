"""Recipes: a task and a model become a graph that people can read and change, with the roles of its widgets."""

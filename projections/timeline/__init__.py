"""What happened to a call, a city, an application, an evaluator or a project: who, when, why."""

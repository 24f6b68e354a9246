"""How far evaluators agree, per call, stage, criterion and evaluator."""

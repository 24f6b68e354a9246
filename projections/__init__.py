"""Views: pure folds over events, and the engine that keeps, rebuilds and explains them."""

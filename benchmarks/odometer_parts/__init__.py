"""Parts of `benchmarks/odometer.py`: data, estimators compared, replay, figures, charts."""

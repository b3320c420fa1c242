#!/usr/bin/env bash
# Installs the Python peers of the benchmark into bench/.venv: PyTorch (its CPU build) and TensorFlow with Keras.
# Needs python3 with venv, and about 3 GB. `npm run bench` finds them there; BENCH_PYTHON names another Python.
set -euo pipefail
cd "$(dirname "$0")"

python3 -m venv .venv
.venv/bin/pip install --quiet --upgrade pip
# PyPI's torch brings CUDA along; the project's own index has a build for the CPU alone, not reachable everywhere.
.venv/bin/pip install torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu ||
  .venv/bin/pip install torch==2.13.0
.venv/bin/pip install tensorflow-cpu==2.21.0
.venv/bin/python -c 'import tensorflow, torch; print("torch", torch.__version__, "tensorflow", tensorflow.__version__)'

"""Keras's fit on TensorFlow as a peer of the benchmark.

Usage: python3 keras_peer.py tutorial|batch-norm BATCH STEPS IMAGES

The images are floats in memory. What is timed is the epoch alone, without what fit does before and after it.
"""
import os, sys, time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras, numpy as np, tensorflow as tf
from keras import layers
from serve import images, serve


def conv(filters, kernel):
    return layers.Conv2D(filters, kernel, padding="same")


def norm():
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)


MODELS = {
    "tutorial": lambda: [
        conv(32, 5), layers.MaxPooling2D(2),
        conv(32, 5), layers.MaxPooling2D(2),
        conv(64, 5), layers.MaxPooling2D(2),
        layers.Flatten(), layers.Dense(64), layers.Dense(10),
    ],
    "batch-norm": lambda: [
        conv(32, 3), norm(), layers.ReLU(), layers.MaxPooling2D(2),
        conv(64, 3), norm(), layers.ReLU(), layers.MaxPooling2D(2),
        layers.Flatten(), layers.Dense(10),
    ],
}

name, batch, steps, path = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
pixels, classes = images(path, batch * steps)
pixels = tf.constant(pixels.astype(np.float32) / 255)
classes = tf.constant(classes)
model = keras.Sequential([keras.Input((32, 32, 3)), *MODELS[name]()])
model.compile(
    optimizer=keras.optimizers.SGD(0.01), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)
)


class Timer(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.ms = (time.perf_counter() - self.started) * 1000 / steps


def run():
    timer = Timer()
    model.fit(pixels, classes, batch_size=batch, epochs=1, verbose=0, callbacks=[timer])
    return timer.ms


serve({"keras": keras.__version__, "tensorflow": tf.__version__}, run)

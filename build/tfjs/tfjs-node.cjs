const place = require('@mapbox/node-pre-gyp');

/** Loads tfjs-node with a binding. */
exports.load = (binding) => {
  place.find = () => binding;
  return require('@tensorflow/tfjs-node');
};

/** The messages of TensorFlow's graphs. */
exports.protobuf = () => require('@tensorflow/tfjs-node/dist/proto/api_pb.js');

// What opens a model that was exported for browsers: the reader of graphs, and the backend of plain JavaScript.
require('@tensorflow/tfjs-backend-cpu');

exports.loadGraphModelSync = require('@tensorflow/tfjs-converter').loadGraphModelSync;

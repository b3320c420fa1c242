/**
 * Makes what users start and import, of as few files as can be: beside the types that tsc has put into `dist`
 *
 *     dist/program      the program and the library, with the packages that they are made with
 *     dist/tfjs-node    what lossnet loads of tfjs-node, and what its binding is compiled from
 *     dist/native       C++ of lossnet's own, which is compiled for the TensorFlow of each machine
 *     dist/jpeg-turbo   what decodes JPEGs, for each platform
 *     dist/fonts        the font of the report's pictures
 *
 * Node takes a quarter of a millisecond for each module it loads, and a command would need hundreds of them; and most of what
 * npm would install for these packages are builds for browsers and maps, which nothing here opens.
 */
import { join } from 'node:path';
import { jpegTurboFiles } from './jpeg-turbo.mjs';
import { fontFiles, noticesOf } from './notices.mjs';
import { buildProgram } from './program.mjs';
import { buildTfjsNode } from './tfjs-node.mjs';
import { copies, ROOT, replaceFolder } from './write.mjs';

const [program, tfjsNode] = await Promise.all([buildProgram(), buildTfjsNode()]);
const fonts = fontFiles();
const jpegTurbo = jpegTurboFiles();
const packages = [...new Set([program, tfjsNode, jpegTurbo, fonts].flatMap(({ packages }) => packages))];
replaceFolder(join(ROOT, 'dist/tfjs-node'), tfjsNode.files);
replaceFolder(join(ROOT, 'dist/native'), copies('src/train/backend/native/cc', '', /\.(?:cc|h)$/));
replaceFolder(join(ROOT, 'dist/jpeg-turbo'), jpegTurbo.files);
replaceFolder(join(ROOT, 'dist/fonts'), fonts.files);
replaceFolder(join(ROOT, 'dist/program'), [
  ...program.files,
  { path: 'THIRD_PARTY_NOTICES.txt', contents: noticesOf(packages) },
]);

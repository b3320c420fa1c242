/**
 * Packs TensorFlow's native library for the platform that this runs on, so that lossnet needs neither Python nor a compiler
 * where the package is installed beside it:
 *
 *     npm run native            native/packages/lossnet-native-<platform>-<version>.tgz
 *
 * It makes the library as a first training does, in an empty cache, so that nothing old gets in.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(ROOT, 'native/packages');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

const work = mkdtempSync(join(tmpdir(), 'lossnet-native-'));
process.env.LOSSNET_CACHE = join(work, 'cache');
delete process.env.LOSSNET_LIBTENSORFLOW;
try {
  const at = (path) => import(new URL(`../dist/train/backend/native/${path}.js`, import.meta.url).href);
  const { COMPANION, companionFiles } = await at('companion');
  const { addonBeside, bindingIn, TENSORFLOW_VERSION, TFJS_NODE_VERSION, wheelLibraryFolder } =
    await at('locations');
  const { provideNativeLibrary } = await at('provision');
  await provideNativeLibrary((text) => process.stdout.write(`${text}\n`));

  const { provideAddon } = await at('addons');
  const made = wheelLibraryFolder();
  // Several processes train one model on Linux alone.
  for (const addon of process.platform === 'linux'
    ? ['process', 'engine', 'collectives']
    : ['process', 'engine'])
    cpSync(await provideAddon(addon, () => {}), addonBeside(bindingIn(made), addon));
  const staged = join(work, 'package');
  const files = [...companionFiles(made), join(made, 'LICENSE'), join(made, 'THIRD_PARTY_NOTICES.txt')];
  for (const file of files) cpSync(file, join(staged, file.slice(made.length)), { dereference: true });
  const { engines, repository, license } = manifest;
  writeFileSync(
    join(staged, 'package.json'),
    `${JSON.stringify(
      {
        name: COMPANION,
        version: manifest.version,
        description: `TensorFlow ${TENSORFLOW_VERSION} and tfjs-node's binding ${TFJS_NODE_VERSION}, compiled, for lossnet on ${process.platform} ${process.arch}.`,
        license,
        ...(repository && { repository }),
        engines,
        os: [process.platform],
        cpu: [process.arch],
        ...(process.platform === 'linux' && { libc: ['glibc'] }),
      },
      null,
      2,
    )}\n`,
  );
  writeFileSync(
    join(staged, 'README.md'),
    `# ${COMPANION}\n\nTensorFlow ${TENSORFLOW_VERSION}'s libraries, stripped, and the addons that [lossnet](https://www.npmjs.com/package/lossnet) ${manifest.version} loads them with.\nInstalled beside lossnet, it spares Python, pip and a C++ compiler:\n\n    npm install --ignore-scripts lossnet ${COMPANION}\n`,
  );
  mkdirSync(OUT, { recursive: true });
  const [{ filename, size, unpackedSize }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', OUT], {
      cwd: staged,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    }),
  );
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
  for (const file of files)
    process.stdout.write(`${megabytes(statSync(file).size).padStart(8)}  ${file.slice(made.length + 1)}\n`);
  process.stdout.write(
    `${join(OUT, filename)}: ${megabytes(size)} packed, ${megabytes(unpackedSize)} unpacked\n`,
  );
} finally {
  rmSync(work, { recursive: true, force: true });
}

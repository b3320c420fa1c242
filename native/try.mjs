/**
 * Installs both packages into an empty root with Node alone, no Python, no compiler and no network, and trains there:
 *
 *     npm run native:try        after npm run native; as root, on Linux
 *
 * The root has Node, the libraries that Node and TensorFlow are linked to, and a shell for what is run in it. Exits with 1 when
 * anything there fails, or works in another way than by the package.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PACKAGES = join(ROOT, 'native/packages');

const run = (command, args, options = {}) =>
  execFileSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 26, ...options });

/** Paths of the libraries that a file is linked to. */
const librariesOf = (file) =>
  [...run('ldd', [file]).matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path]) => path);

function put(file, root) {
  const target = join(root, file);
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(realpathSync(file), target);
}

const packed = readdirSync(PACKAGES).find((name) => name.startsWith('lossnet-native-'));
if (packed === undefined) throw new Error(`No package in ${PACKAGES}: run npm run native.`);
const work = mkdtempSync(join(tmpdir(), 'lossnet-root-'));
try {
  // As it is published, without the packages that the program holds.
  run(process.execPath, [join(ROOT, 'build/pack.mjs'), work]);
  const filename = readdirSync(work).find((name) => name.endsWith('.tgz'));
  const root = join(work, 'root');
  const app = join(root, 'app');
  mkdirSync(app, { recursive: true });
  writeFileSync(join(app, 'package.json'), '{ "private": true }\n');
  const tarballs = [join(work, filename), join(PACKAGES, packed)];
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs], { cwd: app });

  const modules = join(app, 'node_modules');
  const native = readdirSync(join(modules, '@lossnet')).map((name) => join(modules, '@lossnet', name))[0];
  const linked = [process.execPath, '/bin/sh', '/usr/bin/env'];
  const binaries = run('find', [
    native,
    join(modules, '@img'),
    join(modules, '@resvg'),
    '-name',
    '*.node',
    '-o',
    '-name',
    '*.so*',
  ])
    .trim()
    .split('\n');
  for (const file of linked) put(file, root);
  for (const file of [...linked, ...binaries].flatMap(librariesOf))
    if (!file.startsWith(work)) put(file, root);
  for (const folder of ['proc', 'dev', 'tmp', 'root']) mkdirSync(join(root, folder), { recursive: true });

  /** In namespaces of its own: no network, and what is mounted in the root is gone with it. */
  const inside = (script) => {
    const outer =
      'ip link set lo up && mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && exec chroot "$0" /bin/sh -c "cd /app && $1"';
    const args = ['--net', '--mount', '--pid', '--fork', '/bin/sh', '-c', outer, root, script];
    const env = { HOME: '/root', PATH: `${dirname(process.execPath)}:/usr/sbin:/usr/bin:/sbin:/bin` };
    const result = spawnSync('unshare', args, { encoding: 'utf8', env });
    process.stdout.write(`$ ${script}\n${result.stdout}${result.stderr}`);
    if (result.status !== 0) throw new Error(`${script} ended with ${result.status ?? result.signal}`);
    return result.stdout;
  };
  for (const tool of ['python3', 'c++', 'g++', 'cc', 'npm']) {
    if (existsSync(join(root, 'usr/bin', tool))) throw new Error(`The root is to have no ${tool}.`);
  }
  const doctor = inside('node node_modules/.bin/lossnet doctor');
  if (!doctor.includes('from the package @lossnet/native-'))
    throw new Error('The library was not the one of the package.');
  inside('node node_modules/.bin/lossnet train node_modules/lossnet/configs/shapes-sgd.yaml epochs=1');
  inside('node node_modules/.bin/lossnet evaluate runs/shapes-sgd');
  const two = 'train node_modules/lossnet/configs/shapes-sgd.yaml epochs=1 --name two';
  inside(`node node_modules/.bin/lossnet launch -n 2 -- ${two}`);
  if (
    existsSync(join(root, 'root/.cache/lossnet')) &&
    readdirSync(join(root, 'root/.cache/lossnet')).some((name) => name.startsWith('tfjs-node'))
  )
    throw new Error('A library was made although the package has one.');
  process.stdout.write('both packages work with Node alone\n');
} finally {
  rmSync(work, { recursive: true, force: true });
}

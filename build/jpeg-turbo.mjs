import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './write.mjs';

/** Where lossnet runs, or may be made to. */
const PLATFORMS = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64'];

/** The binding of libjpeg-turbo for each platform, without the 90 packages that would compile it where there is none. */
export function jpegTurboFiles() {
  const folder = 'node_modules/@julusian/jpeg-turbo';
  const files = PLATFORMS.flatMap((platform) => {
    const from = join(ROOT, folder, 'prebuilds', `jpeg-turbo-${platform}`);
    return readdirSync(from).map((name) => ({
      path: join(platform, name.replace('node-napi-v7.node', 'binding.node')),
      contents: readFileSync(join(from, name)),
    }));
  });
  return { files, packages: [folder] };
}

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from './write.mjs';

const NOTICE = /^(?:licenses\/)?(?:licen[cs]e|notice|copying)[^/]*$/i;

/** One font of a package that brings 21. */
export function fontFiles() {
  const folder = 'node_modules/dejavu-fonts-ttf';
  const contents = readFileSync(join(ROOT, folder, 'ttf/DejaVuSans.ttf'));
  return { files: [{ path: 'DejaVuSans.ttf', contents }], packages: [folder] };
}

/**
 * The licences of packages whose text is passed on, and their notices.
 *
 * @param folders where they lie in the project
 * @throws Error for one that has no licence
 */
export function noticesOf(folders) {
  const notices = folders.sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
    const texts = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter(
        (entry) =>
          entry.isFile() && NOTICE.test(relative(join(ROOT, folder), join(entry.parentPath, entry.name))),
      )
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8').trim());
    if (license === undefined && texts.length === 0) throw new Error(`${folder} has no licence.`);
    return [`${name} ${version} (${license ?? 'see below'})`, ...texts].join('\n\n');
  });
  return `What this folder and those beside it hold of other packages. Where no text follows, it is that of the LICENSE of lossnet.\n\n${notices.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

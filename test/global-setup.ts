import { execFileSync } from 'node:child_process';
import { provideCollectives } from '../src/train/backend/native/collectives.js';
import { provideNativeLibrary } from '../src/train/backend/native/provision.js';

/** Tests of the command line run the real program, as users do: it has to be built from the sources under test. */
export default async function setup(): Promise<void> {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
  try {
    // What pages show is what a machine prints that has both already.
    await provideNativeLibrary(() => {});
    await provideCollectives(() => {});
  } catch {
    // The tests that need them say why they cannot be had.
  }
}

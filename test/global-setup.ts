import { execFileSync } from 'node:child_process';

/** Tests of the command line run the real program, as users do: it has to be built from the sources under test. */
export default function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}

import { Argument, Command } from 'commander';
import { SCRIPTS, SHELLS, type Shell } from '../complete/scripts.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';

type Finish = (code: ExitCode) => void;

/** `lossnet completion`. */
export function completionCommand(io: Io, finish: Finish): Command {
  return new Command('completion')
    .summary('print a script with which a shell completes what is typed')
    .description(
      'Prints a script with which a shell completes commands, options, configurations, presets, keys with their values, ' +
        'and folders of runs, as Tab is pressed.',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
      `
To install it:
  bash   echo 'source <(lossnet completion bash)' >> ~/.bashrc
  zsh    lossnet completion zsh > "\${fpath[1]}/_lossnet"
  fish   lossnet completion fish > ~/.config/fish/completions/lossnet.fish

Example:
  lossnet train configs/cifar-adam.yaml optimizer.type=<Tab>`,
    )
    .action((shell: Shell) => {
      io.print(SCRIPTS[shell].trimEnd());
      finish(EXIT.done);
    });
}

/** `lossnet complete`, which these scripts call: a line for each candidate, a tab before what it is. */
export function completeCommand(io: Io, finish: Finish): Command {
  return new Command('complete')
    .argument('[words...]', 'behind the name of the program; the last as far as it is typed')
    .action(async (words: string[], _, command: Command) => {
      const { complete } = await import('../complete/complete.js');
      for (const { value, text } of await complete(command.parent!, words))
        io.stdout.write(text === undefined ? `${value}\n` : `${value}\t${text.replace(/\s+/g, ' ')}\n`);
      finish(EXIT.done);
    });
}

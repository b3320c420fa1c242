import { Command } from 'commander';
import { jsonLine } from '../../base/printable.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { showNotices } from '../notices.js';
import { listenForSignals } from '../signals.js';

/** `lossnet data`. */
export function dataCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('data')
    .summary("look at a configuration's data before training on them")
    .description(
      'Counts samples by class and part, and looks for what would make figures wrong: samples in several parts, copies and near copies, contradicting labels, missing and rare classes, columns that are constant, number the rows or give the target away. Exits with 1 if there are errors.',
    )
    .argument('<config>', 'YAML configuration')
    .argument('[overrides...]', 'values that replace those of the configuration')
    .option('--json', 'print everything as one JSON object on stdout')
    .action(async (file: string, overrides: string[], { json = false }: { json?: boolean }) => {
      const { loadConfig, toSnakeCase } = await import('../../config/index.js');
      const { auditOf } = await import('../../runs/audit.js');
      const resolved = loadConfig({ file, overrides, env: io.env });
      const stop = listenForSignals(io);
      try {
        const audit = await auditOf(resolved, { signal: stop.signal, onProgress: showNotices(io, json) });
        if (audit === null) return finish(stop.exitCode ?? EXIT.failed);
        if (json) {
          const { spec, parts, findings, standsInFor } = audit;
          const told = { name: spec.name, input: spec.input, target: spec.target, parts, findings };
          io.print(
            jsonLine({ type: 'data', ...toSnakeCase({ ...told, ...(standsInFor && { standsInFor }) }) }),
          );
        } else (await import('../screens/data.js')).showAudit(io, audit);
        finish(audit.findings.some(({ level }) => level === 'error') ? EXIT.failed : EXIT.done);
      } finally {
        stop.release();
      }
    });
}

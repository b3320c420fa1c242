import { type ConfigYaml, configToYaml } from '../../config/index.js';

/** How the config.yaml of a run begins: the sign that a folder is one. */
export const SAVED_CONFIG_HEAD = '# Resolved by lossnet ';

/** The text of a run's config.yaml: a configuration with every default filled in. */
export function savedConfig(yaml: ConfigYaml, version: string, standsInFor: string | undefined): string {
  const lines = [`${SAVED_CONFIG_HEAD}${version}: every default filled in.`];
  if (standsInFor)
    lines.push(
      `# ${standsInFor} could not be had: this run trained on generated shapes, which stood in for it.`,
    );
  return `${lines.join('\n')}\n${configToYaml(yaml)}`;
}

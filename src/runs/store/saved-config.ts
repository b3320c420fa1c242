import { type ConfigYaml, configToYaml, SAVED_CONFIG_HEAD } from '../../config/index.js';

/** The text of a run's config.yaml: a configuration with every default filled in. */
export function savedConfig(yaml: ConfigYaml, version: string, standsInFor: string | undefined): string {
  const lines = [`${SAVED_CONFIG_HEAD}${version}: every default filled in.`];
  if (standsInFor)
    lines.push(
      `# ${standsInFor} could not be had: this run trained on generated shapes, which stood in for it.`,
    );
  return `${lines.join('\n')}\n${configToYaml(yaml)}`;
}

import { writeFileSync } from 'node:fs';
import { jsonSchema } from './json-schema.js';

// Run from the build by `npm run schema`; a test fails when the written file is out of date.
const target = new URL('../../configs/schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(jsonSchema(), null, 2)}\n`);

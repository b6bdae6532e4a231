/* What service.properties makes of a database. */
import type { DatabaseFindings } from './findings.ts';
import type { Report } from './problems.ts';
import { oldPropertiesName } from './properties-names.ts';
import { missingProperty, parseServiceProperties, usedProperties } from './service-properties.ts';

/** The settings that Derby would use; null when it could read none. */
export function judgeProperties(
  findings: DatabaseFindings,
  report: Report,
): ReadonlyMap<string, string> | null {
  const { serviceProperties, oldProperties, control } = findings;
  const file = 'service.properties';
  const used = knowsOldProperties(control)
    ? usedProperties(serviceProperties, oldProperties)
    : serviceProperties && 'current';
  const bytes = used === 'old' ? oldProperties : serviceProperties;
  if (!bytes) {
    report('damaged', 'missing-file', file, 'The file that makes this folder a database is missing.');
    return null;
  }
  if (used === 'old') {
    const message = `The settings were being written anew when the program ended; Derby goes on with ${oldPropertiesName}.`;
    report('note', 'service-properties', file, message);
  }
  const properties = parseServiceProperties(bytes);
  if (!properties) {
    report(
      'damaged',
      'service-properties',
      file,
      'A backslash in the file is followed by what Derby cannot read.',
    );
    return null;
  }
  const missing = missingProperty(properties);
  if (missing !== null) {
    const message = `The file lacks a setting without which Derby cannot open the database (${missing}).`;
    report('damaged', 'service-properties', file, message);
  }
  return properties;
}

/** Derby before 10.9 does not look for the old settings. */
const knowsOldProperties = (control: DatabaseFindings['control']): boolean =>
  control === null || control === 'bad' || control.major > 10 || control.minor >= 9;

/** In an encrypted database no page but the first of each file can be read. */
export function judgeEncryption({ containers }: DatabaseFindings, report: Report): void {
  for (const { content } of containers.values()) {
    if (!content || content.container === null) continue;
    const message = 'The file says that the database is encrypted, but it is not: Derby could not open it.';
    report('damaged', 'service-properties', 'service.properties', message);
    return;
  }
}

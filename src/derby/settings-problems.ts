/* What service.properties makes of a database. */
import type { DatabaseFindings } from './findings.ts';
import {
  badEscape,
  notEncrypted,
  oldSettingsUsed,
  propertiesMissing,
  settingMissing,
} from './problem-texts.ts';
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
    report('damaged', 'missing-file', file, propertiesMissing);
    return null;
  }
  if (used === 'old') {
    report('note', 'service-properties', file, oldSettingsUsed(oldPropertiesName));
  }
  const properties = parseServiceProperties(bytes);
  if (!properties) {
    report('damaged', 'service-properties', file, badEscape);
    return null;
  }
  const missing = missingProperty(properties);
  if (missing !== null) {
    report('damaged', 'service-properties', file, settingMissing(missing));
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
    report('damaged', 'service-properties', 'service.properties', notEncrypted);
    return;
  }
}

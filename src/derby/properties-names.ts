/** The settings that Derby keeps while it writes new ones. */
export const oldPropertiesName = 'service.propertiesold';

/** The files with a database's settings: one of the two is in every database. */
export const propertiesNames = ['service.properties', oldPropertiesName] as const;

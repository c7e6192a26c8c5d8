import { deviceClasses } from "../../api/resources.ts";
import { nameAndAgeTable } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";

/** A kind of devices. */
export const deviceClassDefinition = defineResource({ resource: deviceClasses, table: nameAndAgeTable });

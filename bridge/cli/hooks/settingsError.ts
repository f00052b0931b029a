/** Owns the error of a settings file that must be left alone; its message says of the file (`it …`) why. */
export class SettingsError extends Error {
  readonly code = "settings_not_changed";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SettingsError";
  }
}

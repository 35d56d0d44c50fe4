package app

// react subscribes what follows from what: each line names an event and the operation it causes. This is the whole
// process beyond single use cases.
func (a *App) react() {}

// Package scorecard evaluates an expert scorecard (专家评分卡): a versioned document and facts in; points, grade, reasons
// and a recommended limit out. Pure: no database, clock or network.
//
// A card weighs factors. Each turns a fact into 0 to 100 points by bins or choices; the weights sum to 100, so the score
// lies between 0 and 100. The master scale turns it into a grade with a probability of default; vetoes force a grade and
// caps bound it. Nothing is hidden in code: the outcome tells for every factor what it gave and what would lift it, and
// Diff names what changed between two versions.
package scorecard

// Package assessment assesses customers' credit (信用评估): it gathers the facts (ratios, models of distress, the
// questionnaire, dealings with us, compliance), applies the scorecard in force, and keeps the outcome with all that led
// to it.
//
// Owns: scorecards and their versions, questionnaire answers, assessments. Does not own: statements (customer), the
// computations (ratio, distress, scorecard are pure packages below). Operations: assessment.answer, assessment.run,
// assessment.rerun, assessment.save_card, assessment.decide_card. Events: assessment.done.
package assessment

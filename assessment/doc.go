// Package assessment assesses customers' credit (信用评估): it gathers the facts (ratios, models of distress, the
// questionnaire, dealings with us, compliance), applies the scorecard in force, and keeps the outcome with all that led
// to it.
//
// Before any assessment it judges the customer's file by rules (judgement): initial, compliance and operational risk.
//
// Owns: scorecards and their versions, questionnaire answers, assessments, file_judgement, file_card. Does not own: statements (customer), the
// computations (ratio, distress, scorecard are pure packages below). Operations: assessment.answer, assessment.run,
// assessment.save_card, assessment.decide_card, assessment.judge_file, assessment.save_file_card. Events: assessment.done,
// assessment.file_judged.
package assessment

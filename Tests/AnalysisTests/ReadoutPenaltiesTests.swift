import Analysis
import Base
import Formats
import Testing

@Suite("Penalties on readouts as a model's YAML writes them")
struct ReadoutPenaltiesTests {
  private func penalties(_ yaml: String) throws -> ReadoutPenalties {
    try ReadoutPenalties(try YAMLDocument.parse(text: yaml, name: "test")["regularization"], head: 1)
  }

  @Test("Weights and limits are those at the end of the schedules; what acts elsewhere is left out") func read() throws
  {
    let found = try penalties(
      """
      regularization:
      - {name: a, type: l2, lambda: 0.01, apply_to: [readouts/features]}
      - {name: b, type: l1, lambda: 0.5, apply_to: [readouts/features], schedule: {kind: warmup, start_epoch: 2}}
      - {name: c, type: l1, lambda: 9, apply_to: [readouts/features], schedule: {kind: warmup, start_epoch: 0, end_epoch: 3}}
      - {name: d, type: proximal_clamp_positive, lambda: 1.5, apply_to: [readouts/std], schedule: {kind: linear_decay, start_epoch: 0, end_epoch: 10, start_lambda: 4.0}}
      - {name: e, type: l2, lambda: 0.0, apply_to: [readouts/mean]}
      - {name: f, type: group_lasso, lambda: 3, apply_to: [frontend]}
      - {name: g, type: group_lasso, lambda: 0.2, apply_to: [readouts/features]}
      """)
    #expect(found.l2 == 0.01 && found.l1 == 0.5 && found.largestStd == 1.5 && found.groupLasso == 0.2)
    let none = try penalties("model_type: v1multi")
    #expect(none.l2 == 0 && none.l1 == 0 && none.largestStd == nil && none.groupLasso == 0)
  }

  @Test(
    "A term that a refit cannot apply is refused by its name",
    arguments: [
      "{name: odd, type: group_lasso, lambda: 0.1, apply_to: [readouts]}",
      "{name: odd, type: l2, lambda: 0.1, apply_to: [readouts]}",
      "{name: odd, type: proximal_clamp, lambda: 0.1, apply_to: [readouts/mean]}",
    ])
  func refused(term: String) {
    #expect { try penalties("regularization:\n- \(term)") } throws: { error in
      (error as? Failure)?.kind == .unsupported && (error as? Failure)?.message.contains("`odd`") == true
    }
  }
}

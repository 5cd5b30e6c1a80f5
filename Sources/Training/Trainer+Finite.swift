import Base

extension Trainer {
  /// Refuses tensors that a step has made infinite or NaN, before they are kept.
  ///
  /// - Throws: `undefined` naming the first such tensor.
  func checkFinite() throws {
    for name in architecture.parameters.map(\.name) {
      guard let tensor = try? store.tensor(name), let bad = tensor.values.first(where: { !$0.isFinite }) else {
        continue
      }
      throw Failure(
        .undefined, "step \(stepsDone): the training has diverged: `\(name)` holds \(NumberText.of(Double(bad)))",
        hint: Self.remedy)
    }
  }
}

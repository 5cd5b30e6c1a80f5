/// Whose turn it is: a recipe runs on the checkpoint of each N-th epoch, one at a time, always on the newest.
public struct RecipeTurns: Sendable, Equatable, Codable {
  /// A checkpoint on which a recipe is due.
  public struct Turn: Sendable, Equatable, Codable {
    public var run: String
    public var epoch: Int
    public var path: String

    public init(run: String, epoch: Int, path: String) { (self.run, self.epoch, self.path) = (run, epoch, path) }
  }

  public let every: Int
  /// Newest epoch on which it has run, by run.
  public private(set) var done: [String: Int]
  public private(set) var waiting: [Turn] = []
  public private(set) var current: Turn?

  /// - Precondition: `every` is at least 1.
  public init(every: Int, done: [String: Int] = [:]) {
    precondition(every >= 1)
    self.every = every
    self.done = done
  }

  /// Takes the checkpoints of a run as they are now. Epochs count from 0; the N-th, 2N-th, … are due. Where such an epoch has
  /// no checkpoint, the first one after it is.
  ///
  /// - Returns: epochs that were due and are skipped, because a newer one is there; each is returned once.
  public mutating func look(_ run: String, _ checkpoints: [(epoch: Int, path: String)]) -> [Int] {
    let begun = max(done[run] ?? -1, current?.run == run ? current?.epoch ?? -1 : -1)
    var turn = (begun + 1) / every
    var due: [Turn] = []
    for checkpoint in checkpoints.sorted(by: { $0.epoch < $1.epoch }) where checkpoint.epoch > begun {
      let reached = (checkpoint.epoch + 1) / every
      guard reached > turn else { continue }
      turn = reached
      due.append(Turn(run: run, epoch: checkpoint.epoch, path: checkpoint.path))
    }
    let before = waiting.first { $0.run == run }
    waiting.removeAll { $0.run == run }
    guard let newest = due.last else { return [] }
    waiting.append(newest)
    let skipped = due.dropLast().map(\.epoch).filter { $0 > before?.epoch ?? -1 }
    return Set(skipped + (before.map { [$0.epoch] } ?? [])).subtracting([newest.epoch]).sorted()
  }

  /// Begins the next turn; nil while one is at work, or where none waits.
  public mutating func next() -> Turn? {
    guard current == nil, !waiting.isEmpty else { return nil }
    current = waiting.removeFirst()
    return current
  }

  public mutating func finish() {
    if let turn = current { done[turn.run] = turn.epoch }
    current = nil
  }

  /// After the end of the program that was at work: its turn is taken again.
  public mutating func recover() {
    current = nil
    waiting = []
  }

  /// A training that began again at an earlier epoch: what was done from there on is done again.
  public mutating func restart(_ run: String, at epoch: Int) {
    if let last = done[run], last >= epoch { done[run] = epoch > 0 ? epoch - 1 : nil }
  }
}

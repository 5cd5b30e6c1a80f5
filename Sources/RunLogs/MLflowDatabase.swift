import Base

/// MLflow's store in a SQLite database: many runs in one file.
public enum MLflowDatabase {
  /// Whether the file is a database with MLflow's tables.
  public static func isStore(_ path: String) -> Bool {
    guard let file = try? RegularFile(path: path), file.size >= 100,
      let start = try? file.read(0..<16), Array(start) == SQLiteFile.magic,
      let database = try? SQLiteFile(path: path)
    else { return false }
    return database.tableNames.isSuperset(of: ["runs", "metrics", "params"])
  }

  /// Every run that is not deleted, in the order in which they were begun.
  ///
  /// - Throws: `format` where the database or one of its tables is damaged.
  public static func read(_ path: String) throws -> [RunLog] {
    let database = try SQLiteFile(path: path)
    var runs: [String: RunLog] = [:]
    var collectors: [String: CurveCollector] = [:]
    try database.forEachRow(of: "runs") { row in
      guard let id = row("run_uuid").text, row("lifecycle_stage").text != "deleted" else { return }
      var run = RunLog()
      run.id = id
      run.name = row("name").text
      (run.state, run.evidence) = MLflowStatus.state(row("status").text ?? "")
      run.started = row("start_time").double.map { $0 / 1000 }
      run.ended = row("end_time").double.map { $0 / 1000 }
      if let started = run.started, let ended = run.ended { run.hours = (ended - started) / 3600 }
      runs[id] = run
    }
    try database.forEachRow(of: "params") { row in
      guard let id = row("run_uuid").text, let key = row("key").text else { return }
      runs[id]?.parameters.append(.init(key, RayTrialName.value(row("value").text ?? "")))
    }
    var points: [(run: String, time: Int, key: String, step: Int, value: Double)] = []
    try database.forEachRow(of: "metrics") { row in
      guard let id = row("run_uuid").text, runs[id] != nil, let key = row("key").text, let value = row("value").double
      else { return }
      // NaN is a flag beside the value 0.
      let isUndefined = row("is_nan").int == 1
      points.append((id, row("timestamp").int ?? 0, key, row("step").int ?? 0, isUndefined ? .nan : value))
    }
    // The table's order is that of its key; the curve's that of the steps.
    let order = points.indices.sorted {
      let (a, b) = (points[$0], points[$1])
      return a.step != b.step ? a.step < b.step : a.time != b.time ? a.time < b.time : $0 < $1
    }
    for point in order.map({ points[$0] }) {
      collectors[point.run, default: CurveCollector()].append(point.key, step: point.step, epoch: nil, point.value)
    }
    let logged = Dictionary(points.map { ($0.run, Double($0.time) / 1000) }, uniquingKeysWith: max)
    return runs.map { id, run in
      var run = run
      // A run without an end is where it last logged; whoever ended it otherwise has not told MLflow.
      run.ended = run.ended ?? logged[id] ?? run.started
      run.curves = MLflowStatus.withEpochs(collectors[id]?.curves ?? [])
      return run
    }
    .sorted { ($0.started ?? 0, $0.id ?? "") < ($1.started ?? 0, $1.id ?? "") }
  }
}

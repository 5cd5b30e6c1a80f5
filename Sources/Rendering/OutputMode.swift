/// The form in which results are written.
public enum OutputMode: String, Sendable, CaseIterable {
  case table, json, csv, tsv, markdown, jsonl
}

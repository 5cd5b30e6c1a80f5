import Language

extension Signature {
  /// `as NAME`: the result's table is kept.
  package func tableName() -> Signature {
    argument("name", .newName, "Keep the table under this name", keyword: "as", optional: true)
      .names("name", kinds: ["table"])
  }

  /// `--replace`, beside a name that may be taken.
  package func replace() -> Signature {
    flag("replace", "Replace an object that has this name")
  }
}

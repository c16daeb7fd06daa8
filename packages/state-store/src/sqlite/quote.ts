/** A name of a table or column in SQL. */
export function quote(name: string): string {
  return `"${name}"`
}

declare module 'jstat' {
  const jstat: {
    readonly jStat: {
      readonly studentt: {
        cdf(t: number, degreesOfFreedom: number): number;
        inv(p: number, degreesOfFreedom: number): number;
      };
    };
  };
  export default jstat;
}

// Generated from schemas/ by scripts/generate-spec.ts. Do not edit.
"use strict";
export const validate = validate21;

function validate22(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(typeof data !== "string"){
vErrors = add(vErrors, instancePath, "type", {type: "string"});
errors++;
}
if(!(((((data === "creating") || (data === "created")) || (data === "running")) || (data === "stopped")) || (data === "paused"))){
vErrors = add(vErrors, instancePath, "enum", {allowedValues: schema().definitions.Status.enum});
errors++;
}
validate22.errors = vErrors;
return errors === 0;
}


function validate21(data, {instancePath=""}={}){
/*# sourceURL="urn:tsoci:schema:state" */;
let vErrors = null;
let errors = 0;
const _errs1 = errors;
let valid0 = true;
const _errs2 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.status !== undefined){
let data0 = data.status;
if(!((data0 === "created") || (data0 === "running"))){
const err0 = {};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
}
var _valid0 = _errs2 === errors;
errors = _errs1;
if(vErrors !== null){
if(_errs1){
vErrors.length = _errs1;
}
else {
vErrors = null;
}
}
if(_valid0){
const _errs4 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.pid === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "pid"});
errors++;
}
}
var _valid0 = _errs4 === errors;
valid0 = _valid0;
}
if(!valid0){
vErrors = add(vErrors, instancePath, "if", {failingKeyword: "then"});
errors++;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.ociVersion === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "ociVersion"});
errors++;
}
if(data.id === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "id"});
errors++;
}
if(data.status === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "status"});
errors++;
}
if(data.bundle === undefined){
vErrors = add(vErrors, instancePath, "required", {missingProperty: "bundle"});
errors++;
}
for(const key0 in data){
if(!((((((key0 === "ociVersion") || (key0 === "id")) || (key0 === "status")) || (key0 === "pid")) || (key0 === "bundle")) || (key0 === "annotations"))){
vErrors = add(vErrors, instancePath, "additionalProperties", {additionalProperty: key0});
errors++;
}
}
if(data.ociVersion !== undefined){
if(typeof data.ociVersion !== "string"){
vErrors = add(vErrors, instancePath+"/ociVersion", "type", {type: "string"});
errors++;
}
}
if(data.id !== undefined){
let data2 = data.id;
if(typeof data2 === "string"){
if(data2.length < 1){
vErrors = add(vErrors, instancePath+"/id", "minLength", {limit: 1});
errors++;
}
}
else {
vErrors = add(vErrors, instancePath+"/id", "type", {type: "string"});
errors++;
}
}
if(data.status !== undefined){
if(!(validate22(data.status, {instancePath:instancePath+"/status"}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.pid !== undefined){
let data4 = data.pid;
if(!(((typeof data4 == "number") && (!(data4 % 1) && !isNaN(data4))) && (isFinite(data4)))){
vErrors = add(vErrors, instancePath+"/pid", "type", {type: "integer"});
errors++;
}
if((typeof data4 == "number") && (isFinite(data4))){
if(data4 < 0 || isNaN(data4)){
vErrors = add(vErrors, instancePath+"/pid", "minimum", {comparison: ">=", limit: 0});
errors++;
}
}
}
if(data.bundle !== undefined){
if(typeof data.bundle !== "string"){
vErrors = add(vErrors, instancePath+"/bundle", "type", {type: "string"});
errors++;
}
}
if(data.annotations !== undefined){
let data6 = data.annotations;
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
for(const key1 in data6){
if(typeof data6[key1] !== "string"){
vErrors = add(vErrors, instancePath+"/annotations/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"), "type", {type: "string"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath+"/annotations", "type", {type: "object"});
errors++;
}
}
}
else {
vErrors = add(vErrors, instancePath, "type", {type: "object"});
errors++;
}
validate21.errors = vErrors;
return errors === 0;
}

function add(errors, instancePath, keyword, params) {
if (errors === null) return [{instancePath, keyword, params}];
errors.push({instancePath, keyword, params});
return errors;
}

let made;
export function schema() {
return made ??= {"$schema":"http://json-schema.org/draft-07/schema#","$id":"urn:tsoci:schema:state","type":"object","required":["ociVersion","id","status","bundle"],"properties":{"ociVersion":{"type":"string"},"id":{"type":"string","minLength":1},"status":{"$ref":"#/definitions/Status"},"pid":{"type":"integer","minimum":0},"bundle":{"type":"string"},"annotations":{"type":"object","additionalProperties":{"type":"string"}}},"if":{"properties":{"status":{"enum":["created","running"]}}},"then":{"required":["pid"]},"definitions":{"Status":{"type":"string","enum":["creating","created","running","stopped","paused"]}},"additionalProperties":false};
}
